#include "window/parts/ComparisonStrip.h"

#include "widgets/export/ExportDialog.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ExampleStrip.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QResizeEvent>
#include <QVBoxLayout>

#include <algorithm>

namespace reticle {

namespace {

/// As high as its pictures at this width: square ones, with room for titles.
int stripHeight(const Figure &figure, int width)
{
    const auto *grid = figure.panels.empty() ? nullptr : std::get_if<ImageGridPanel>(&figure.panels.front().content);
    if (!grid || grid->columns < 1)
        return 320;
    const int rows = static_cast<int>(grid->cells.size()) / grid->columns;
    return std::clamp(width / grid->columns * rows + 40, 160, 900);
}

} // namespace

ComparisonStrip::ComparisonStrip(std::vector<std::string> models, std::vector<Repeat> repeats, QWidget *parent)
    : QWidget(parent), m_models(std::move(models)), m_repeats(std::move(repeats)), m_examples(new ExampleStrip(this)),
      m_kept(new FigureView(this)), m_choice(new QComboBox(this)),
      m_export(new QPushButton(themeIcon(QStringLiteral("export")), tr("Export…"), this))
{
    m_choice->setObjectName(QStringLiteral("stripRepeat"));
    m_choice->setAccessibleName(tr("Seed and fold whose outputs are shown"));
    m_export->setObjectName(QStringLiteral("exportStrip"));
    m_export->setToolTip(tr("Writes originals and outputs as a figure: SVG, PDF, PNG"));
    m_examples->setMinimumHeight(170);
    m_examples->setEmptyText(tr("What each model makes of one place shows here as the runs go on."));
    m_kept->setObjectName(QStringLiteral("keptStrip"));
    auto *head = new QHBoxLayout;
    head->addWidget(sectionTitle(tr("Originals and outputs")));
    head->addStretch(1);
    head->addWidget(m_choice);
    head->addWidget(m_export);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(head);
    column->addWidget(m_examples);
    column->addWidget(m_kept);
    m_kept->hide();
    m_choice->hide();
    m_export->setEnabled(false);
    connect(m_choice, &QComboBox::activated, this, [this](int index) {
        m_chosen = true;
        m_repeat = m_repeats[static_cast<std::size_t>(m_choice->itemData(index).toInt())];
        showRow();
    });
    connect(m_export, &QPushButton::clicked, this, &ComparisonStrip::exportShown);
    connect(m_kept, &FigureView::exported, this, &ComparisonStrip::exported);
}

void ComparisonStrip::take(const Repeat &repeat, const std::string &model, const Event &event)
{
    const Json &images = event.data.at("images");
    if (images.size() < 3)
        return;
    Row got;
    got.images = event.data.at("titles").at(2) == "output";
    got.originals = {Array::fromJson(images[0])};
    if (!got.images)
        got.originals.push_back(Array::fromJson(images[1]));
    const Array output = Array::fromJson(images[2]);
    auto &row = m_rows[repeat];
    // Outputs stay beside the original that they were made from.
    if (row.originals.empty() || !(row.originals.front() == got.originals.front()))
        row = std::move(got);
    row.outputs[model] = output;
    if (const int at = indexOf(repeat); m_choice->findData(at) < 0)
        m_choice->addItem(qs(labelOf(repeat, m_repeats)), at);
    if (!m_chosen)
        m_repeat = repeat;
    showRow();
}

/// Its place among all; a run whose repeat was not planned is added.
int ComparisonStrip::indexOf(const Repeat &repeat)
{
    auto it = std::find(m_repeats.begin(), m_repeats.end(), repeat);
    if (it == m_repeats.end())
        it = m_repeats.insert(it, repeat);
    return static_cast<int>(it - m_repeats.begin());
}

void ComparisonStrip::setKept(const Figure *outputs)
{
    m_kept->setFigure(outputs ? *outputs : Figure());
    m_keptWidth = 0;
    fitKept();
    showRow();
}

void ComparisonStrip::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitKept();
}

void ComparisonStrip::fitKept()
{
    // What a scroll bar takes or gives back is passed over: it may come and go with this very height.
    constexpr int scrollBar = 24;
    const bool wider = width() > m_keptWidth + scrollBar, narrower = width() < m_keptWidth;
    if (m_kept->figure().panels.empty() || (m_keptWidth > 0 && !wider && !narrower))
        return;
    m_keptWidth = width();
    m_kept->setFixedHeight(stripHeight(m_kept->figure(), m_keptWidth));
}

bool ComparisonStrip::live() const
{
    const auto row = m_rows.find(m_repeat);
    const bool whole = row != m_rows.end() && row->second.outputs.size() >= m_models.size();
    return whole || m_kept->figure().panels.empty();
}

void ComparisonStrip::showRow()
{
    if (const auto it = m_rows.find(m_repeat); it != m_rows.end()) {
        const Row &row = it->second;
        std::vector<Array> pictures = row.originals;
        QStringList titles{tr("original")};
        if (!row.images)
            titles << tr("labels");
        // In the order of the recipe; what has not come yet is left out.
        for (const auto &model : m_models)
            if (const auto output = row.outputs.find(model); output != row.outputs.end()) {
                pictures.push_back(output->second);
                titles << qs(model);
            }
        // On one scale, so that they can be compared; the original of classes by itself.
        std::vector<ExampleStrip::Kind> kinds(pictures.size(), ExampleStrip::Kind::Probability);
        if (!row.images)
            kinds.front() = ExampleStrip::Kind::Image;
        m_examples->setExamples(std::move(pictures), titles, kinds);
    }
    m_choice->setCurrentIndex(m_rows.contains(m_repeat) ? m_choice->findData(indexOf(m_repeat)) : -1);
    m_choice->setVisible(live() && m_choice->count() > 1);
    m_examples->setVisible(live());
    m_kept->setVisible(!live());
    m_export->setEnabled(!figure().panels.empty());
}

Figure ComparisonStrip::figure() const
{
    if (!live())
        return m_kept->figure();
    Figure f;
    const auto it = m_rows.find(m_repeat);
    if (it == m_rows.end())
        return f;
    const Row &row = it->second;
    ImageGridPanel grid;
    const auto add = [&](const Array &a, const std::string &title) {
        ImagePanel cell;
        cell.image = a;
        cell.black = 0;
        cell.white = 255;
        grid.cells.push_back(std::move(cell));
        grid.columnTitles.push_back(title);
    };
    for (std::size_t i = 0; i < row.originals.size(); ++i)
        add(row.originals[i], i == 0 ? "original" : "labels");
    for (const auto &model : m_models)
        if (const auto output = row.outputs.find(model); output != row.outputs.end())
            add(output->second, model);
    grid.columns = static_cast<int>(grid.cells.size());
    grid.gap = 4;
    f.name = "outputs";
    f.title = row.images ? "Originals and outputs" : "Originals and predictions";
    f.caption = "Middle of the first validation slice, " + labelOf(m_repeat, m_repeats) +
                (row.images ? ": the original and what each model makes of it so far, all on the original's gray scale."
                            : ": the original, its labels, and what each model predicts so far.");
    Panel panel;
    panel.content = std::move(grid);
    f.panels.push_back(std::move(panel));
    return f;
}

void ComparisonStrip::exportShown()
{
    auto *dialog = new ExportDialog(figure(), window());
    connect(dialog, &ExportDialog::exported, this, &ComparisonStrip::exported);
    openDialog(dialog, this);
}

} // namespace reticle

#include "window/parts/FormPreviews.h"

#include "foundation/Array.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ExampleStrip.h"
#include "window/pages/ResultPage.h"
#include "window/parts/LayerTable.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QLabel>
#include <QVBoxLayout>

namespace reticle {

namespace {

/// A scrolled page of one widget under a heading.
QWidget *plainPage(const QString &title, const QString &text, QWidget *content)
{
    auto *page = new QWidget;
    auto *column = scrolledColumn(page);
    column->addLayout(pageHead(new QLabel(title), new QLabel(text)));
    column->addWidget(content, 1);
    return page;
}

} // namespace

FormPreviews::FormPreviews(Session *session, TabArea *tabs, SidePanel *side, MessageBar *message, QObject *parent)
    : QObject(parent), m_session(session), m_tabs(tabs), m_side(side), m_message(message)
{
    // A table that is still to come is of the project before.
    connect(m_session, &Session::projectChanged, this, [this] { ++m_layersRequest; });
}

void FormPreviews::showAugmentation(const Json &recipe)
{
    constexpr int examples = 8;
    m_session->service()->request(
        QStringLiteral("augment-preview"), {{"recipe", recipe}, {"count", examples}}, this,
        [this](const Json &result) {
            try {
                std::vector<std::vector<Array>> rows;
                const Json &images = result.at("images"), &targets = result.at("targets");
                for (std::size_t i = 0; i < images.size(); ++i)
                    rows.push_back(targets.empty() ? std::vector{Array::fromJson(images[i])} // it is its own target
                                                   : std::vector{Array::fromJson(images[i]), Array::fromJson(targets.at(i))});
                auto *strip = new ExampleStrip;
                strip->setRows(std::move(rows), {tr("Input"), tr("Target")});
                const ItemKey key = ItemKey::page(QStringLiteral("augmentation"));
                m_tabs->close(key);
                m_tabs->add(
                    key, tr("Augmentation"), themeIcon(QStringLiteral("grid")),
                    plainPage(tr("Augmented examples"), tr("Crops of the training slices as the network will see them."), strip));
            } catch (const std::exception &e) {
                m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
            }
        },
        [this](const Failure &failure) { m_side->trainForm()->showFailure(failure); });
}

void FormPreviews::showLayers(const Json &recipe, std::int64_t run)
{
    const auto request = ++m_layersRequest;
    LayerQuestion question;
    question.recipe = recipe;
    question.run = run;
    question.channel = QStringLiteral("layers");
    question.wanted = [this, request] { return request == m_layersRequest; };
    question.then = [this, run](const Result &layers) {
        auto *page = new ResultPage;
        page->setResult(layers, layerTableTitle(*m_session, run));
        const ItemKey key = ItemKey::page(QStringLiteral("layers"), run > 0 ? ItemKey{ItemKey::Kind::Run, run} : ItemKey());
        m_tabs->close(key);
        m_tabs->add(key, layerTabTitle(*m_session, run), themeIcon(QStringLiteral("model")), page);
    };
    question.unknown = [this](const QString &sentence) { m_message->say(MessageBar::Level::Warning, sentence); };
    question.failed = [this, run](const Failure &failure) {
        if (run > 0)
            m_message->sayFailure(failure);
        else
            m_side->trainForm()->showFailure(failure);
    };
    askForLayers(m_session, this, std::move(question));
}

} // namespace reticle

// The page of data whose kind has none of its own: their card.

#include "window/pages/Pages.h"
#include "window/parts/DataCard.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"

namespace reticle {

namespace {

const PageRegistration data({
    .name = "data",
    .title = QT_TRANSLATE_NOOP("Pages", "Settings of the data"),
    .icon = "table",
    .of = ItemKey::Kind::Data,
    .rank = 1,
    .fits = [](const OpenProject &project, const ItemKey &key) { return project.dataSet(key.id) != nullptr; },
    .make = [](const PageContext &context, const ItemKey &key) -> QWidget * {
        const DataSet &set = *context.session->project()->dataSet(key.id);
        auto *card = new DataCard;
        card->setSession(context.session);
        card->setData(set);
        card->setWindowTitle(set.title);
        const auto input = key.id;
        QObject::connect(card, &DataCard::sectionChanged, context.receiver, [context, input](const Json &section) {
            try {
                context.session->project()->setSection(input, section);
            } catch (const std::exception &e) {
                context.message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
            }
        });
        QObject::connect(card, &DataCard::trainRequested, context.receiver, [context, input](const DataCard::Choice &choice) {
            try {
                context.session->project()->setSection(input, choice.section); // with what was typed just now
            } catch (const std::exception &e) {
                context.message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
            }
            context.trainOn(input);
        });
        return card;
    },
});

} // namespace

} // namespace reticle

#pragma once

#include <QWidget>

class QLineEdit;
class QListWidget;

namespace reticle {

class CommandList;

/// Type a few letters, press Enter: every command of the window by name (Ctrl+K).
class CommandPalette : public QWidget
{
    Q_OBJECT
public:
    CommandPalette(CommandList *commands, QWidget *parent = nullptr);

Q_SIGNALS:
    void chosen(const QString &command);

protected:
    bool eventFilter(QObject *object, QEvent *event) override;

private:
    void filter(const QString &words);
    void accept();

    CommandList *m_commands;
    QLineEdit *m_edit;
    QListWidget *m_list;
};

} // namespace reticle

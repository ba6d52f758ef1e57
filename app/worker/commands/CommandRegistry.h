#pragma once

#include <functional>
#include <vector>

namespace CLI {
class App;
}

namespace reticle {

/// A command of the worker that registers itself at the end of its file:
/// `const CommandRegistration study({"study", "Plan a study", [](CLI::App &app) { …; return [] { return 0; }; }});`
struct CommandKind
{
    const char *name;
    const char *help; ///< what `reticle-worker --help` says of it
    /// Adds its options; gives what runs it once they are read, with the exit status. That throws Error.
    std::function<std::function<int()>(CLI::App &app)> declare;
};

/// Commands other than those that main.cpp has. Threads: filled before main, read-only after.
class CommandRegistry
{
public:
    static CommandRegistry &instance()
    {
        static CommandRegistry registry;
        return registry;
    }
    void add(CommandKind kind) { m_kinds.push_back(std::move(kind)); }
    const std::vector<CommandKind> &all() const { return m_kinds; }

private:
    std::vector<CommandKind> m_kinds;
};

struct CommandRegistration
{
    explicit CommandRegistration(CommandKind kind) { CommandRegistry::instance().add(std::move(kind)); }
};

} // namespace reticle

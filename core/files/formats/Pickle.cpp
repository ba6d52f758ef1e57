#include "files/formats/Pickle.h"

#include <array>
#include <cstring>
#include <memory>

// The instructions are those of Python's pickletools; the writer is torch/csrc/jit/serialization/pickler.cpp.

namespace reticle {

namespace {

constexpr std::size_t longest = std::size_t(4) << 20;
constexpr std::size_t mostOnStack = 1 << 16, mostRemembered = 1 << 18;
constexpr std::size_t mostAxes = 16;
constexpr std::size_t mostCopied = 2 * longest; ///< bytes of texts: one may be recalled again and again

struct None
{
};
struct MarkHere
{
};
struct NoHooks
{
}; ///< an empty OrderedDict, which every tensor carries
enum class PickleName { Module, Rebuild, OrderedDict };
struct Attributes
{
    PickledAttributes values;
};
struct Object
{
    std::shared_ptr<Attributes> attributes; ///< set once
};
struct Storage
{
    std::string key;
    DType dtype = DType::Float32;
    std::int64_t size = 0;
};
struct Value;
/// Holds no other tuples than of numbers, so that nothing can be nested deeply or contain itself.
using Tuple = std::shared_ptr<const std::vector<Value>>;
struct Value
{
    std::variant<None, MarkHere, bool, std::int64_t, std::shared_ptr<const std::string>, PickleName, DType, Storage,
                 std::shared_ptr<const PickledTensor>, NoHooks, Tuple, std::shared_ptr<Attributes>, std::shared_ptr<Object>>
        is;
};

constexpr std::array<std::pair<std::string_view, DType>, 7> storages{{{"torch FloatStorage", DType::Float32},
                                                                      {"torch DoubleStorage", DType::Float64},
                                                                      {"torch LongStorage", DType::Int64},
                                                                      {"torch IntStorage", DType::Int32},
                                                                      {"torch ShortStorage", DType::Int16},
                                                                      {"torch CharStorage", DType::Int8},
                                                                      {"torch ByteStorage", DType::UInt8}}};

class Machine
{
public:
    Machine(std::string_view pickle, const ByteSource &file) : m_rest(pickle), m_file(file) {}

    PickledAttributes run()
    {
        if (m_rest.size() > longest)
            refuse();
        while (step())
            if (m_stack.size() > mostOnStack || m_memory.size() > mostRemembered)
                refuse();
        const auto object = taken<std::shared_ptr<Object>>();
        if (!m_stack.empty() || !m_rest.empty() || !object->attributes)
            refuse();
        return object->attributes->values;
    }

private:
    [[noreturn]] void refuse() const { m_file.foreign("an archive that holds code or objects, not only weights"); }
    std::string_view bytes(std::size_t count)
    {
        if (count > m_rest.size())
            refuse();
        const auto part = m_rest.substr(0, count);
        m_rest.remove_prefix(count);
        return part;
    }
    /// Little endian, with a sign where all 8 bytes or the highest bit of `sign` are given.
    std::uint64_t number(std::size_t width)
    {
        std::uint64_t n = 0;
        const auto part = bytes(width);
        for (std::size_t i = 0; i < width; ++i)
            n |= std::uint64_t(static_cast<unsigned char>(part[i])) << (8 * i);
        return n;
    }
    std::string_view line()
    {
        const auto end = m_rest.substr(0, 256).find('\n');
        if (end == std::string_view::npos)
            refuse();
        const auto text = m_rest.substr(0, end);
        m_rest.remove_prefix(end + 1);
        return text;
    }
    template <class T> void push(T value) { m_stack.push_back({std::move(value)}); }
    Value pop()
    {
        if (m_stack.empty())
            refuse();
        Value v = std::move(m_stack.back());
        m_stack.pop_back();
        return v;
    }
    template <class T> T as(const Value &v) const
    {
        const auto *value = std::get_if<T>(&v.is);
        if (!value)
            refuse();
        return *value;
    }
    template <class T> T taken() { return as<T>(pop()); }
    /// What lies above the last mark, which is taken too.
    std::vector<Value> sinceMark()
    {
        std::size_t at = m_stack.size();
        while (at > 0 && !std::holds_alternative<MarkHere>(m_stack[at - 1].is))
            --at;
        if (at == 0)
            refuse();
        std::vector<Value> values(std::make_move_iterator(m_stack.begin() + static_cast<std::ptrdiff_t>(at)),
                                  std::make_move_iterator(m_stack.end()));
        m_stack.resize(at - 1);
        return values;
    }
    void pushTuple(std::vector<Value> values)
    {
        if (values.size() > mostAxes)
            refuse();
        for (const auto &v : values)
            if (const auto *inner = std::get_if<Tuple>(&v.is))
                for (const auto &n : **inner)
                    if (!std::holds_alternative<std::int64_t>(n.is))
                        refuse();
        push(Tuple(std::make_shared<const std::vector<Value>>(std::move(values))));
    }
    void remember(std::uint64_t index)
    {
        if (m_stack.empty() || index >= mostRemembered || std::holds_alternative<MarkHere>(m_stack.back().is))
            refuse();
        m_memory[index] = m_stack.back();
    }
    void recall(std::uint64_t index)
    {
        const auto it = m_memory.find(index);
        if (it == m_memory.end())
            refuse();
        m_stack.push_back(it->second);
    }
    void named(const std::string &name)
    {
        if (name == "__torch__ Module")
            return push(PickleName::Module);
        if (name == "torch._utils _rebuild_tensor_v2")
            return push(PickleName::Rebuild);
        if (name == "collections OrderedDict")
            return push(PickleName::OrderedDict);
        for (const auto &[known, dtype] : storages)
            if (known == name)
                return push(dtype);
        refuse();
    }
    /// ("storage", type, key, "cpu", number of elements)
    void persistent()
    {
        const auto parts = taken<Tuple>();
        using Text = std::shared_ptr<const std::string>;
        if (parts->size() != 5 || *as<Text>((*parts)[0]) != "storage" || *as<Text>((*parts)[3]) != "cpu")
            refuse();
        const Text text = as<Text>((*parts)[2]);
        const std::string &key = *text;
        if (key.empty() || key.size() > 20 || key.find_first_not_of("0123456789") != std::string::npos)
            refuse();
        const auto size = as<std::int64_t>((*parts)[4]);
        if (size < 0)
            refuse();
        push(Storage{key, as<DType>((*parts)[1]), size});
    }
    std::vector<std::int64_t> numbers(const Value &v) const
    {
        std::vector<std::int64_t> all;
        for (const auto &n : *as<Tuple>(v)) {
            all.push_back(as<std::int64_t>(n));
            if (all.back() < 0)
                refuse();
        }
        return all;
    }
    /// (storage, offset, shape, strides, requires grad, hooks)
    void reduce()
    {
        const auto arguments = taken<Tuple>();
        const auto what = taken<PickleName>();
        if (what == PickleName::OrderedDict && arguments->empty())
            return push(NoHooks{});
        if (what != PickleName::Rebuild || arguments->size() != 6)
            refuse();
        const auto storage = as<Storage>((*arguments)[0]);
        PickledTensor t{storage.key,
                        storage.dtype,
                        storage.size,
                        as<std::int64_t>((*arguments)[1]),
                        numbers((*arguments)[2]),
                        numbers((*arguments)[3])};
        as<bool>((*arguments)[4]);
        as<NoHooks>((*arguments)[5]);
        if (t.offset < 0 || t.shape.size() != t.strides.size())
            refuse();
        push(std::make_shared<const PickledTensor>(std::move(t)));
    }
    void setItems(const std::vector<Value> &items)
    {
        if (m_stack.empty() || items.size() % 2)
            refuse();
        auto &values = as<std::shared_ptr<Attributes>>(m_stack.back())->values;
        using Text = std::shared_ptr<const std::string>;
        for (std::size_t i = 0; i < items.size(); i += 2) {
            const Text name = as<Text>(items[i]);
            const Value &v = items[i + 1];
            const auto *text = std::get_if<Text>(&v.is);
            m_copied += name->size() + (text ? (*text)->size() : 0);
            if (m_copied > mostCopied)
                refuse();
            bool added = false;
            if (text)
                added = values.emplace(*name, **text).second;
            else
                added = values.emplace(*name, *as<std::shared_ptr<const PickledTensor>>(v)).second;
            if (!added)
                refuse();
        }
    }
    bool step()
    {
        const auto instruction = static_cast<unsigned char>(bytes(1)[0]);
        switch (instruction) {
        case 0x80: // PROTO
            if (number(1) != 2)
                refuse();
            return true;
        case 'c': {
            const std::string module(line());
            named(module + " " + std::string(line()));
            return true;
        }
        case 'q': remember(number(1)); return true;
        case 'r': remember(number(4)); return true;
        case 'h': recall(number(1)); return true;
        case 'j': recall(number(4)); return true;
        case '(': push(MarkHere{}); return true;
        case ')': pushTuple({}); return true;
        case 't': pushTuple(sinceMark()); return true;
        case 0x85: // TUPLE1 to TUPLE3
        case 0x86:
        case 0x87: {
            std::vector<Value> values(static_cast<std::size_t>(instruction - 0x84));
            for (auto v = values.rbegin(); v != values.rend(); ++v)
                if (*v = pop(); std::holds_alternative<MarkHere>(v->is))
                    refuse();
            pushTuple(std::move(values));
            return true;
        }
        case '}': push(std::make_shared<Attributes>()); return true;
        case 's': {
            std::vector<Value> item(2);
            item[1] = pop();
            item[0] = pop();
            setItems(item);
            return true;
        }
        case 'u': setItems(sinceMark()); return true;
        case 'X': {
            const auto size = number(4);
            push(std::make_shared<const std::string>(bytes(static_cast<std::size_t>(size))));
            return true;
        }
        case 'K': push(static_cast<std::int64_t>(number(1))); return true;
        case 'M': push(static_cast<std::int64_t>(number(2))); return true;
        case 'J': push(static_cast<std::int64_t>(static_cast<std::int32_t>(number(4)))); return true;
        case 0x8a: // LONG1, which the writer gives 8 bytes
            if (number(1) != 8)
                refuse();
            push(static_cast<std::int64_t>(number(8)));
            return true;
        case 0x88: push(true); return true;
        case 0x89: push(false); return true;
        case 'N': push(None{}); return true;
        case 'Q': persistent(); return true;
        case 'R': reduce(); return true;
        case 0x81: { // NEWOBJ
            if (!taken<Tuple>()->empty() || taken<PickleName>() != PickleName::Module)
                refuse();
            push(std::make_shared<Object>());
            return true;
        }
        case 'b': { // BUILD
            const auto attributes = taken<std::shared_ptr<Attributes>>();
            if (m_stack.empty())
                refuse();
            auto &object = *as<std::shared_ptr<Object>>(m_stack.back());
            if (object.attributes)
                refuse();
            object.attributes = attributes;
            return true;
        }
        case '.': return false;
        default: refuse();
        }
    }

    std::string_view m_rest;
    const ByteSource &m_file;
    std::vector<Value> m_stack;
    std::map<std::uint64_t, Value> m_memory;
    std::size_t m_copied = 0;
};

} // namespace

PickledAttributes readPickle(std::string_view pickle, const ByteSource &file)
{
    return Machine(pickle, file).run();
}

} // namespace reticle

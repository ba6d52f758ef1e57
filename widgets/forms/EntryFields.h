#pragma once

#include "foundation/Schema.h"

namespace reticle {

/// A form's fields of a schema in which fields choose entries with fields of their own: these follow the one that chooses,
/// all folded away, as "optimizer.adam.betas". A form shows those of the entry that is chosen.
class EntryFields
{
public:
    EntryFields() = default;
    explicit EntryFields(const SchemaInfo &schema);

    /// What the form is built of: each field a single value.
    const SchemaInfo &flat() const { return m_flat; }
    /// Values of the schema as values of flat(). Of fields that `values` does not have there are none; of an entry that is
    /// chosen there are all.
    Json flattened(const Json &values) const;
    /// And back; every value is there.
    Json gathered(const Json &flat) const;
    /// Whether a field of flat() belongs to what is chosen.
    bool isInForce(const std::string &field, const Json &flat) const;
    /// "optimizer.betas" as the field of flat() that it is at the moment; any other name as it is.
    std::string fieldOf(const std::string &path, const Json &flat) const;

private:
    SchemaInfo m_given, m_flat;
};

} // namespace reticle

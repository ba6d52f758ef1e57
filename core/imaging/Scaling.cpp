#include "imaging/Scaling.h"

#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"

#include <map>

namespace reticle {

Json Scaling::toJson() const
{
    Json json{{"offset", offset}, {"factor", factor}};
    if (!how.empty())
        json["how"] = how;
    json.update(span.toJson());
    return json;
}

Scaling Scaling::fromJson(const Json &json)
{
    try {
        Scaling s{json.at("offset").get<double>(), json.at("factor").get<double>(), json.value("how", std::string()),
                  ValueSpan::fromJson(json)};
        if (!s.span.typed && s.offset == 0)
            for (const auto &[type, largest] : std::map<DType, double>{
                     {DType::UInt8, 255}, {DType::Int8, 127}, {DType::UInt16, 65535}, {DType::Int16, 32767}, {DType::Float32, 1}})
                if (s.factor == 1 / largest) {
                    s.span.dtype = type;
                    s.span.typed = true;
                }
        return s;
    } catch (const Json::exception &) {
        throw Error({"scaling", "numbers offset and factor", foundText(json), {}});
    }
}

} // namespace reticle

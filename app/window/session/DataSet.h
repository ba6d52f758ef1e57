#pragma once

#include "foundation/Json.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace reticle {

struct Detection;

/// Data of the project, of any kind.
struct DataSet
{
    std::int64_t input = 0;        ///< number of the InputInfo of their first file or folder
    QString title;                 ///< file or folder name
    QString sentence;              ///< what they were recognized as
    QString state;                 ///< "unchanged", "missing"
    QStringList missing;           ///< paths of the section that are not there
    Json section = Json::object(); ///< of a recipe: {"name": "segmentation", "images": …}; paths are absolute
    Json notes = Json::object();   ///< what else the project remembers of them, and pages keep with them

    QString kind() const;                  ///< name of the DataKind
    QString path() const;                  ///< the first file or folder that the section names; empty where it names none
    QString text(const char *field) const; ///< of the section; empty where that has no such text
};

/// Files and folders that a section "data" names, by field, in the order of its kind's fields; empty ones are left out. Of a
/// kind that this program does not have all texts that are absolute paths.
std::vector<std::pair<std::string, QString>> pathsOf(const Json &section);

/// What a project remembers of data that were found in a drop: numbers and words of their details, and what they ask of a
/// recipe ("recipe").
Json notesOf(const Detection &found);

} // namespace reticle

#include "analysis/Analysis.h"

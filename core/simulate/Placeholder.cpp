#include "simulate/Simulator.h"

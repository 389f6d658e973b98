#pragma once
// MuJoCo's types and our additions, for a program that is linked without MuJoCo.
#include "../../CMuJoCo/shim.h"

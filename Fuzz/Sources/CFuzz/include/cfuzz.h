#pragma once
#include <stddef.h>
#include <stdint.h>
/// libFuzzer's driver: runs `callback` on inputs that it makes, until told to stop or until one of them crashes.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

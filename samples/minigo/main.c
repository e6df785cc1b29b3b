/* The arguments of a Go program, as the one text that its @main takes; the linker's --wrap=main puts this before it. */
#include <stdlib.h>
#include <string.h>

int __real_main(int argc, char **argv);

int __wrap_main(int argc, char **argv) {
    size_t size_bytes = 1;
    for (int i = 1; i < argc; i++) size_bytes += strlen(argv[i]) + 1;
    char *text = malloc(size_bytes), *end = text;
    if (!text) return 1;
    *end = 0;
    for (int i = 1; i < argc; i++) {
        if (i > 1) *end++ = 0x1f;
        size_t length = strlen(argv[i]);
        memcpy(end, argv[i], length + 1);
        end += length;
    }
    char *args[] = {argv[0], text, NULL};
    return __real_main(2, args);
}

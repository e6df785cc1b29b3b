/* What an executable has beside its program: `main`, the arguments, where lines and traps go.

   `irpass build` writes a few lines of declarations in front: PARAMS, RESULT, SITES, and the numbers in capitals below.
   The program and its runtime are LLVM's; names with a dot in them are theirs. */

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__linux__) && defined(__GLIBC__) && !SCANS_STACKS
#include <sys/mman.h>
#include <ucontext.h>
#define HAS_CONTEXTS 1
#else
#define HAS_CONTEXTS 0
#endif

/* As %State of runtime.ll. */
struct state {
    void *frame;
    int64_t site, calls, bytes_requested, peak, live, derives, fallbacks, frees, denied, limit;
    char *output;
    int64_t output_bytes, output_room, line_start, print_site;
};
struct slice {
    void *data;
    int64_t length, cap;
};

extern struct state state __asm__("rt.state");
extern void enter(void *arguments, void *result) __asm__("irpass.enter");
extern void print_bytes(const void *text, int64_t n) __asm__("rt.print.bytes");
extern void print_i64(int64_t x) __asm__("rt.print.i64");
extern void print_u64(uint64_t x) __asm__("rt.print.u64");
extern void print_f32(float x) __asm__("rt.print.f32");
extern void print_f64(double x) __asm__("rt.print.f64");
extern void setup(void) __asm__("A.setup"); /* the allocator's: for the process, and around a thread's program */
extern void begin_thread(void) __asm__("A.begin");
extern void end_thread(void) __asm__("A.end");

void trap(int32_t site) __asm__("rt.trap");
void print_begin(int32_t site) __asm__("rt.print.begin");
void print_end(void) __asm__("rt.print.end");
char *stack_end __asm__("rt.stack.end");

static int is_terminal;

static void flush(int file) {
    const char *from = state.output, *end = from + state.output_bytes;
    while (from < end) {
        ssize_t n = write(file, from, (size_t)(end - from));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) _exit(1); /* nobody can be told */
        from += n;
    }
    state.output_bytes = 0;
}

void trap(int32_t site) {
    flush(1);
    print_bytes(SITES[site], (int64_t)strlen(SITES[site]));
    flush(2);
    _exit(1);
}

void print_begin(int32_t site) { state.print_site = site; }

void print_end(void) {
    print_bytes("\n", 1);
    if (is_terminal || state.output_bytes > 1 << 16) flush(1);
}

/* ---- arguments: as `irpass run` takes them */

static void refuse(const struct param *p, const char *text) {
    fprintf(stderr, "%s: error: %s takes %s, not '%.80s' [usage]\n", PROGRAM, p->name, p->type, text);
    exit(2);
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static int is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/* Copies a number without its underscores, which stand between digits; 0 where it is none, 2 for a float, else 1. */
static int number(const char *text, size_t n, char *out) {
    size_t i = 0, start;
    int kind = 1, hex = 0;
    if (i < n && text[i] == '-') *out++ = text[i++];
    if (n - i > 2 && text[i] == '0' && (text[i + 1] == 'x' || text[i + 1] == 'X')) {
        hex = 1;
        *out++ = text[i++];
        *out++ = text[i++];
    }
    for (start = i; i < n && ((hex ? is_hex(text[i]) : is_digit(text[i])) || (text[i] == '_' && i > start)); i++)
        if (text[i] != '_')
            *out++ = text[i];
        else if (i + 1 == n || !(hex ? is_hex(text[i + 1]) : is_digit(text[i + 1])))
            return 0;
    if (i == start) return 0;
    if (!hex && i < n && text[i] == '.') {
        kind = 2;
        *out++ = text[i++];
        for (start = i; i < n && is_digit(text[i]); i++) *out++ = text[i];
        if (i == start) return 0;
    }
    if (!hex && i < n && (text[i] == 'e' || text[i] == 'E')) {
        kind = 2;
        *out++ = text[i++];
        if (i < n && (text[i] == '+' || text[i] == '-')) *out++ = text[i++];
        for (start = i; i < n && is_digit(text[i]); i++) *out++ = text[i];
        if (i == start) return 0;
    }
    *out = 0;
    return i == n ? kind : 0;
}

static int fits(const struct param *p, const char *digits, void *at) {
    int negative = digits[0] == '-', base = strncmp(digits + negative, "0x", 2) && strncmp(digits + negative, "0X", 2) ? 10 : 16;
    errno = 0;
    uint64_t size = strtoull(digits + negative, NULL, base);
    uint64_t most = p->kind == UNSIGNED ? UINT64_MAX >> (64 - p->bits) : (UINT64_MAX >> (65 - p->bits)) + (uint64_t)negative;
    if (errno || (p->kind == UNSIGNED && negative && size) || size > most) return 0;
    uint64_t value = negative ? 0 - size : size;
    memcpy(at, &value, (size_t)p->bits / 8); /* little end first */
    return 1;
}

static int scalar(const struct param *p, const char *text, size_t n, void *at) {
    char digits[512];
    while (n && (*text == ' ' || *text == '\t')) text++, n--;
    while (n && (text[n - 1] == ' ' || text[n - 1] == '\t')) n--;
    if (n >= sizeof digits) return 0;
    if (p->kind == BOOL) {
        int yes = n == 4 && !memcmp(text, "true", 4);
        if (!yes && !(n == 5 && !memcmp(text, "false", 5))) return 0;
        *(uint8_t *)at = (uint8_t)yes;
        return 1;
    }
    int kind = number(text, n, digits);
    if (p->kind != FLOAT) return kind == 1 && fits(p, digits, at);
    double x;
    if (n == 3 && !memcmp(text, "nan", 3)) x = NAN;
    else if (n == 3 && !memcmp(text, "inf", 3)) x = INFINITY;
    else if (n == 4 && !memcmp(text, "-inf", 4)) x = -INFINITY;
    else if (!kind || isinf(x = strtod(digits, NULL))) return 0;
    if (p->bits == 64) {
        *(double *)at = x;
        return 1;
    }
    *(float *)at = (float)x;
    return isinf(x) || !isinf((float)x);
}

static void elements(const struct param *p, const char *text, struct slice *s) {
    size_t count = *text != 0, n;
    for (const char *c = text; *c; c++) count += *c == ',';
    char *data = calloc(count + 1, (size_t)(p->bits + 7) / 8);
    if (!data) refuse(p, text);
    s->data = data;
    s->length = s->cap = (int64_t)count;
    for (size_t i = 0; i < count; i++, text += n + 1, data += (p->bits + 7) / 8) {
        n = strcspn(text, ",");
        if (!scalar(p, text, n, data)) refuse(p, text);
    }
}

static void argument(const struct param *p, char *text, char *at) {
    int is_nil = !strcmp(text, "nil");
    if (p->is_text) {
        struct slice s = {text, (int64_t)strlen(text), (int64_t)strlen(text)};
        memcpy(at, &s, sizeof s);
    } else if (p->is_slice) {
        if (!is_nil) elements(p, text, (struct slice *)at);
    } else if (p->kind == OTHER) {
        if (!is_nil) refuse(p, text);
    } else if (!scalar(p, text, strlen(text), at)) {
        refuse(p, text);
    }
}

/* ---- the result, as `irpass run` shows it */

static void say(const char *text) { print_bytes(text, (int64_t)strlen(text)); }

static void show(const struct param *p, const char *at) {
    int64_t x = 0;
    uint64_t u = 0;
    memcpy(&u, at, (size_t)(p->bits + 7) / 8);
    if (p->kind == SIGNED) x = (int64_t)(u << (64 - p->bits)) >> (64 - p->bits);
    switch (p->kind) {
    case BOOL: say(u ? "true" : "false"); break;
    case SIGNED: print_i64(x); break;
    case UNSIGNED: print_u64(u); break;
    case FLOAT: p->bits == 32 ? print_f32(*(const float *)at) : print_f64(*(const double *)at); break;
    default: say("("), say(p->type), say(")");
    }
}

static void show_text(const unsigned char *text, int64_t n) {
    say("\"");
    for (int64_t i = 0; i < n; i++) {
        char shown[8];
        unsigned char c = text[i];
        if (c == '"' || c == '\\') snprintf(shown, sizeof shown, "\\%c", c);
        else if (c == '\n') strcpy(shown, "\\n");
        else if (c == '\t') strcpy(shown, "\\t");
        else snprintf(shown, sizeof shown, c < 32 || c == 127 ? "\\x%02x" : "%c", c);
        say(shown);
    }
    say("\"");
}

static void show_result(const char *at) {
    const struct param *p = &RESULT;
    const struct slice *s = (const struct slice *)at;
    say("returned: ");
    if ((p->is_slice || p->is_text) && !s->data) {
        say("("), say(p->type), say(")");
    } else if (p->is_text) {
        show_text(s->data, s->length < 16 ? s->length : 16);
        if (s->length > 16) say("...");
    } else if (p->is_slice) {
        say("[");
        for (int64_t i = 0; i < s->length && i < 16; i++) {
            if (i) say(", ");
            show(p, (const char *)s->data + i * ((p->bits + 7) / 8));
        }
        say(s->length > 16 ? ", ...]" : "]");
    } else {
        show(p, at);
    }
    say("\n");
}

static _Alignas(16) char arguments[ARGUMENTS_BYTES], result[RESULT_BYTES];

static void *program(void *unused) {
    stack_end = (char *)__builtin_frame_address(0) - STACK_BYTES;
    begin_thread();
    enter(arguments, result);
    end_thread();
    return unused;
}

#if HAS_CONTEXTS
static ucontext_t outside, inside;

static void program_inside(void) { program(NULL); }

/* On a stack of its own, but in the first thread: with one thread, libc's allocator takes no locks. */
static int program_on_large_stack(void) {
    const size_t guard = 1 << 16, size = (size_t)STACK_BYTES + (1 << 20) + guard;
    char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED || mprotect(stack, guard, PROT_NONE) || getcontext(&inside)) return 0;
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = size;
    inside.uc_link = &outside;
    makecontext(&inside, program_inside, 0);
    return swapcontext(&outside, &inside) == 0;
}
#else
static int program_on_large_stack(void) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (pthread_attr_setstacksize(&attributes, STACK_BYTES + (1 << 20)) ||
        pthread_create(&thread, &attributes, program, NULL))
        return 0;
    return pthread_join(thread, NULL) == 0;
}
#endif

static void counter(const char *name, int64_t n) {
    say(name);
    print_i64(n);
}

int main(int argc, char **argv) {
    if (argc - 1 != PARAM_COUNT) {
        fprintf(stderr, "%s: error: @%s takes %d arguments, not %d [usage]\nnote: %s\n", PROGRAM, ENTRY, PARAM_COUNT,
                argc - 1, SIGNATURE);
        return 2;
    }
    for (int i = 0; i < PARAM_COUNT; i++) argument(&PARAMS[i], argv[i + 1], arguments + PARAMS[i].offset_bytes);
    is_terminal = isatty(1);
    state.limit = HEAP_LIMIT_BYTES;
    setup();
    if (STACK_BYTES <= 4 << 20) {
        program(NULL);
    } else if (!program_on_large_stack()) {
        fprintf(stderr, "%s: error: no room for a stack of %lld bytes\n", PROGRAM, (long long)STACK_BYTES);
        return 1;
    }
    flush(1);
    if (HAS_RESULT) show_result(result);
    if (COUNTERS) {
        counter("heap: calls ", state.calls), counter(", derives ", state.derives);
        counter(", fallbacks ", state.fallbacks), counter(", frees ", state.frees);
        counter("\nbytes: requested ", state.bytes_requested), counter(", peak ", state.peak);
        counter(", live ", state.live), say("\n");
    }
    flush(2);
    return 0;
}

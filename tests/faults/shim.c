/* A disk that fails on demand: loaded before the C library (LD_PRELOAD), it lets what would write below some folder
 * fail for as long as a control file is there. Where that file is stands in FAULTS_CONTROL; in it stand
 *
 *     ERRNO OPERATIONS FOLDER SPARED
 *
 * a number, letters (below), the absolute path of the folder without blanks, and a part of a path: files with it in
 * theirs are spared ("//" spares none).
 *
 *     c  opening a file that is not there yet     o  opening any file for writing
 *     w  writing                                  p  writing, but the first half of each piece is still written
 *     s  fsync                                    t  changing length or times
 *     r  renaming                                 m  making a folder
 *     u  removing
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define LONGEST 4096

/* The function of the C library that is called so. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* What the control file says of an operation on a path; 0 if it is to go well. Also tells which letter it was. */
static int fault(const char *path, const char *letters, char *which) {
    const char *control = getenv("FAULTS_CONTROL");
    if (!control || !path) return 0;
    int descriptor = syscall(SYS_openat, AT_FDCWD, control, O_RDONLY);
    if (descriptor < 0) return 0;
    char text[LONGEST + 1];
    ssize_t length = syscall(SYS_read, descriptor, text, LONGEST);
    syscall(SYS_close, descriptor);
    if (length <= 0) return 0;
    text[length] = 0;
    int number;
    char operations[32], folder[LONGEST], spared[256];
    if (sscanf(text, "%d %31s %4095s %255s", &number, operations, folder, spared) != 4) return 0;
    const char *letter = strpbrk(operations, letters);
    if (!letter || strncmp(path, folder, strlen(folder)) || strstr(path, spared)) return 0;
    if (which) *which = *letter;
    return number;
}

static int fails(int number) {
    errno = number;
    return -1;
}

/* The path behind a descriptor. */
static const char *behind(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, LONGEST - 1);
    path[length < 0 ? 0 : length] = 0;
    return path;
}

/* The absolute path that a call means. */
static const char *meant(int folder, const char *name, char *path) {
    if (!name || name[0] == '/') return name;
    char at[LONGEST];
    if (folder == AT_FDCWD) {
        if (syscall(SYS_getcwd, at, LONGEST) < 0) return 0;
    } else {
        behind(folder, at);
    }
    snprintf(path, LONGEST, "%.2000s/%.2000s", at, name);
    return path;
}

static int fault_in_open(int folder, const char *name, int flags) {
    char path[LONGEST];
    if ((flags & O_ACCMODE) == O_RDONLY && !(flags & O_CREAT)) return 0;
    const char *whole = meant(folder, name, path);
    int saved = errno;
    int is_new = (flags & O_TMPFILE) == O_TMPFILE || (whole && syscall(SYS_faccessat, AT_FDCWD, whole, F_OK) != 0);
    errno = saved;
    return fault(whole, is_new ? "co" : "o", 0);
}

#define OPEN(name, real)                                                                                              \
    int name(const char *path, int flags, ...) {                                                                      \
        va_list more;                                                                                                 \
        va_start(more, flags);                                                                                        \
        mode_t mode = va_arg(more, mode_t);                                                                           \
        va_end(more);                                                                                                 \
        int number = fault_in_open(AT_FDCWD, path, flags);                                                            \
        return number ? fails(number) : REAL(real)(path, flags, mode);                                                \
    }
OPEN(open, open)
OPEN(open64, open64)

#define OPENAT(name, real)                                                                                            \
    int name(int folder, const char *path, int flags, ...) {                                                          \
        va_list more;                                                                                                 \
        va_start(more, flags);                                                                                        \
        mode_t mode = va_arg(more, mode_t);                                                                           \
        va_end(more);                                                                                                 \
        int number = fault_in_open(folder, path, flags);                                                              \
        return number ? fails(number) : REAL(real)(folder, path, flags, mode);                                        \
    }
OPENAT(openat, openat)
OPENAT(openat64, openat64)

ssize_t write(int descriptor, const void *bytes, size_t count) {
    static __thread int halved;
    char path[LONGEST], which = 0;
    int number = fault(behind(descriptor, path), "wp", &which);
    if (!number) return REAL(write)(descriptor, bytes, count);
    if (which == 'p' && count > 1 && !halved) {
        halved = 1;
        return REAL(write)(descriptor, bytes, count / 2);
    }
    halved = 0;
    return fails(number);
}

/* A function of a descriptor. */
#define ON_DESCRIPTOR(type, name, letters, parameters, arguments)                                                     \
    type name parameters {                                                                                            \
        char path[LONGEST];                                                                                           \
        int number = fault(behind(descriptor, path), letters, 0);                                                     \
        return number ? fails(number) : REAL(name) arguments;                                                         \
    }
ON_DESCRIPTOR(ssize_t, writev, "wp", (int descriptor, const struct iovec *parts, int count), (descriptor, parts, count))
ON_DESCRIPTOR(ssize_t, pwrite64, "wp", (int descriptor, const void *bytes, size_t count, off64_t at),
              (descriptor, bytes, count, at))
ON_DESCRIPTOR(int, fsync, "s", (int descriptor), (descriptor))
ON_DESCRIPTOR(int, fdatasync, "s", (int descriptor), (descriptor))
ON_DESCRIPTOR(int, ftruncate64, "t", (int descriptor, off64_t length), (descriptor, length))
ON_DESCRIPTOR(int, futimens, "t", (int descriptor, const struct timespec times[2]), (descriptor, times))

/* A function of a path. */
#define ON_PATH(name, letters, parameters, arguments)                                                                 \
    int name parameters {                                                                                             \
        char whole[LONGEST];                                                                                          \
        int number = fault(meant(AT_FDCWD, path, whole), letters, 0);                                                 \
        return number ? fails(number) : REAL(name) arguments;                                                         \
    }
ON_PATH(rename, "r", (const char *path, const char *to), (path, to))
ON_PATH(mkdir, "m", (const char *path, mode_t mode), (path, mode))
ON_PATH(unlink, "u", (const char *path), (path))
ON_PATH(rmdir, "u", (const char *path), (path))

int unlinkat(int folder, const char *path, int flags) {
    char whole[LONGEST];
    int number = fault(meant(folder, path, whole), "u", 0);
    return number ? fails(number) : REAL(unlinkat)(folder, path, flags);
}

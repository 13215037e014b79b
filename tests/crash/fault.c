/* Makes the Nth change to files under one folder fail, or kill the process: LD_PRELOAD for crash tests.

   FAULT_FOLDER  absolute path; only calls on what lies under it count
   FAULT_AT      which call, from 1; 0 for none
   FAULT_ERRNO   what the call fails with; 0: the process kills itself instead, in the middle of a write
   FAULT_ONCE    1: only that call fails; 0: that call and all later ones do

   A program may also call fault_under and fault_arm itself, for instance in a forked child. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *folder;
static long at, seen;
static int error, once;

void fault_arm(long new_at, int new_error, int new_once) {
    at = new_at, error = new_error, once = new_once, seen = 0;
}

void fault_under(const char *new_folder) {
    folder = strdup(new_folder);
}

__attribute__((constructor)) static void start(void) {
    const char *where = getenv("FAULT_FOLDER"), *a = getenv("FAULT_AT"), *e = getenv("FAULT_ERRNO"), *o = getenv("FAULT_ONCE");
    folder = where ? strdup(where) : NULL;
    fault_arm(a ? atol(a) : 0, e ? atoi(e) : 0, o ? atoi(o) : 0);
}

static int inside(const char *path) {
    size_t length = folder ? strlen(folder) : 0;
    return length && !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

static int descriptor_inside(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return inside(path);
}

static int path_inside(int directory, const char *path) {
    char here[PATH_MAX], whole[2 * PATH_MAX];
    if (path[0] == '/') return inside(path);
    if (directory != AT_FDCWD) return descriptor_inside(directory);
    if (!getcwd(here, sizeof here)) return 0;
    snprintf(whole, sizeof whole, "%s/%s", here, path);
    return inside(whole);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Counts one call; 1 if it is to go wrong now. */
static int due(int counts) {
    int saved = errno;
    int hit = counts && at && (++seen == at || (seen > at && !once && error));
    errno = saved;
    return hit;
}

static int fails(int counts) {
    if (!due(counts)) return 0;
    if (!error) die();
    errno = error;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define CHANGES(flags) ((flags) & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))

#define OPEN(name)                                                                      \
    int name(const char *path, int flags, ...) {                                        \
        va_list list; va_start(list, flags); mode_t mode = va_arg(list, mode_t); va_end(list); \
        return fails(CHANGES(flags) && path_inside(AT_FDCWD, path)) ? -1 : REAL(name)(path, flags, mode); }
#define OPENAT(name)                                                                    \
    int name(int directory, const char *path, int flags, ...) {                         \
        va_list list; va_start(list, flags); mode_t mode = va_arg(list, mode_t); va_end(list); \
        return fails(CHANGES(flags) && path_inside(directory, path)) ? -1 : REAL(name)(directory, path, flags, mode); }
OPEN(open) OPEN(open64) OPENAT(openat) OPENAT(openat64)

/* A kill during a write leaves half of it. */
ssize_t write(int d, const void *data, size_t n) {
    if (due(descriptor_inside(d))) {
        if (!error) { if (REAL(write)(d, data, n / 2)) {} die(); }
        errno = error;
        return -1;
    }
    return REAL(write)(d, data, n);
}
ssize_t writev(int d, const struct iovec *v, int n) { return fails(descriptor_inside(d)) ? -1 : REAL(writev)(d, v, n); }
ssize_t pwrite(int d, const void *b, size_t n, off_t o) { return fails(descriptor_inside(d)) ? -1 : REAL(pwrite)(d, b, n, o); }
ssize_t pwrite64(int d, const void *b, size_t n, off64_t o) { return fails(descriptor_inside(d)) ? -1 : REAL(pwrite64)(d, b, n, o); }
int ftruncate(int d, off_t n) { return fails(descriptor_inside(d)) ? -1 : REAL(ftruncate)(d, n); }
int ftruncate64(int d, off64_t n) { return fails(descriptor_inside(d)) ? -1 : REAL(ftruncate64)(d, n); }
int fsync(int d) { return fails(descriptor_inside(d)) ? -1 : REAL(fsync)(d); }
int fdatasync(int d) { return fails(descriptor_inside(d)) ? -1 : REAL(fdatasync)(d); }
int fchmod(int d, mode_t m) { return fails(descriptor_inside(d)) ? -1 : REAL(fchmod)(d, m); }
int chmod(const char *p, mode_t m) { return fails(path_inside(AT_FDCWD, p)) ? -1 : REAL(chmod)(p, m); }
int mkdir(const char *p, mode_t m) { return fails(path_inside(AT_FDCWD, p)) ? -1 : REAL(mkdir)(p, m); }
int rmdir(const char *p) { return fails(path_inside(AT_FDCWD, p)) ? -1 : REAL(rmdir)(p); }
int unlink(const char *p) { return fails(path_inside(AT_FDCWD, p)) ? -1 : REAL(unlink)(p); }
int unlinkat(int d, const char *p, int f) { return fails(path_inside(d, p)) ? -1 : REAL(unlinkat)(d, p, f); }
int rename(const char *p, const char *q) { return fails(path_inside(AT_FDCWD, q)) ? -1 : REAL(rename)(p, q); }
int renameat(int d, const char *p, int e, const char *q) { return fails(path_inside(e, q)) ? -1 : REAL(renameat)(d, p, e, q); }
int link(const char *p, const char *q) { return fails(path_inside(AT_FDCWD, q)) ? -1 : REAL(link)(p, q); }
int linkat(int d, const char *p, int e, const char *q, int f) { return fails(path_inside(e, q)) ? -1 : REAL(linkat)(d, p, e, q, f); }

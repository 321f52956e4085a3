/* What a disk holds for sure: on each fsync and fdatasync, what the file holds then is copied to a second folder. All else is
   what a power cut may take. Loaded into the daemon by LD_PRELOAD; POWER_DATA is the folder that is watched, POWER_DISK the
   second one. With POWER_LIES a flush is said to be done and isn't, as some disks have it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void keep(int fd) {
    const char *data = getenv("POWER_DATA"), *disk = getenv("POWER_DISK");
    if (!data || !disk || getenv("POWER_LIES"))
        return;
    char link[64], path[PATH_MAX], copy[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return;
    path[length] = 0;
    size_t of_data = strlen(data);
    if (strncmp(path, data, of_data) || path[of_data] != '/' || strchr(path + of_data + 1, '/'))
        return;
    if (snprintf(copy, sizeof copy, "%s/%s", disk, path + of_data + 1) >= (int)sizeof copy)
        return;
    struct stat found;
    if (fstat(fd, &found) || !S_ISREG(found.st_mode))
        return;
    pthread_mutex_lock(&turn);
    int from = open(path, O_RDONLY | O_CLOEXEC), to = open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (from >= 0 && to >= 0) {
        char block[65536];
        off_t at = 0;
        ssize_t got;
        while ((got = pread(from, block, sizeof block, at)) > 0) {
            if (pwrite(to, block, got, at) != got)
                abort();
            at += got;
        }
        if (ftruncate(to, at))
            abort();
    }
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    pthread_mutex_unlock(&turn);
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real)
        real = dlsym(RTLD_NEXT, "fsync");
    keep(fd);
    return real(fd);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real)
        real = dlsym(RTLD_NEXT, "fdatasync");
    keep(fd);
    return real(fd);
}

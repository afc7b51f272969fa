/* Trains by a library of the native engine and compares with the numbers of another engine, on a machine (or an
   emulation of one) that need not have Python:

       trial LIBRARY PROBLEM [REPEATS]

   PROBLEM is written by problem.py. Prints one line of JSON: the levels of instructions that the library was compiled
   for and that the processor has, the largest differences from the expected losses and weights, relative to the
   largest of those, and the seconds of a step, the least of REPEATS trainings. Built for float or double by -DREAL. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "training.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
static void *open_library(const char *path) { return (void *)LoadLibraryA(path); }
static void *find(void *library, const char *name) { return (void *)GetProcAddress((HMODULE)library, name); }
static const char *open_error(void) { return "LoadLibrary failed"; }
#else
#include <dlfcn.h>
static void *open_library(const char *path) { return dlopen(path, RTLD_NOW); }
static void *find(void *library, const char *name) { return dlsym(library, name); }
static const char *open_error(void) { return dlerror(); }
#endif

#define ALIGNED 64 /* bytes; numbers behind the last parameter that a product may read, too */

typedef struct {
    int64_t layers, images, pixels, outputs, steps, batch;
} sizes;

typedef struct {
    int64_t panel, gap, lanes;
} layout;

static void fail(const char *what, const char *why) {
    fprintf(stderr, "trial: %s: %s\n", what, why);
    exit(2);
}

static void *symbol(void *library, const char *name) {
    void *found = find(library, name);
    if (!found) fail(name, "the library has no such function");
    return found;
}

static void *take(FILE *file, size_t count, size_t size) {
    void *values = malloc(count * size + ALIGNED);
    if (!values || fread(values, size, count, file) != count) fail("problem", "too short");
    return values;
}

/* The place of weight (row, column) of (rows, columns) in panels, as product.h describes them. */
static int64_t place_of(layout p, int64_t rows, int64_t columns, int64_t row, int64_t column) {
    int64_t first = column / p.panel * p.panel, width = smaller(columns - first, p.panel);
    return first * (rows + p.gap) + row * (parts_of(width, p.lanes) * p.lanes) + column - first;
}

/* Lay layers' parameters out one after the other, each at a multiple of a cache line; return how many numbers. */
static int64_t lay_out(layout p, layer *layers, int64_t count) {
    int64_t place = 0;
    for (int64_t i = 0; i < count; i++) {
        layer *l = &layers[i];
        if (!has_weights(l)) continue;
        int64_t rows = patch_size(l), columns = l->filters;
        int64_t width = parts_of(columns, p.lanes) * p.lanes, panels = parts_of(columns, p.panel) * p.panel;
        l->weights = place;
        place += parts_of(rows * width + p.gap * panels, ALIGNED) * ALIGNED;
        l->biases = place;
        place += parts_of(columns, ALIGNED) * ALIGNED;
    }
    return place + ALIGNED;
}

static real *zeros(int64_t count) {
    size_t bytes = (size_t)count * sizeof(real);
    char *memory = malloc(bytes + ALIGNED);
    if (!memory) fail("memory", "there is not enough");
    memory += ALIGNED - (uintptr_t)memory % ALIGNED;
    memset(memory, 0, bytes);
    return (real *)memory;
}

/* Go through all parameters in the order of the file: set them, or find the largest difference from them. */
static void each_parameter(layout p, const layer *layers, int64_t count, real *parameters, const double *values,
                           double *difference, double *largest) {
    for (int64_t i = 0; i < count; i++) {
        const layer *l = &layers[i];
        if (!has_weights(l)) continue;
        int64_t rows = patch_size(l), columns = l->filters;
        for (int64_t number = 0; number < rows * columns + columns; number++, values++) {
            int64_t row = number / columns, column = number % columns;
            real *own = parameters + (row < rows ? l->weights + place_of(p, rows, columns, row, column) : l->biases + column);
            if (!difference)
                *own = (real)*values;
            else {
                *difference = fmax(*difference, fabs((double)*own - *values));
                *largest = fmax(*largest, fabs(*values));
            }
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 3) fail("usage", "trial LIBRARY PROBLEM [REPEATS]");
    void *library = open_library(argv[1]);
    if (!library) fail(argv[1], open_error());
    int (*processor)(void) = (int (*)(void))symbol(library, "processor_level");
    int (*compiled)(void) = (int (*)(void))symbol(library, "compiled_level");
    int64_t (*panel)(void) = (int64_t(*)(void))symbol(library, "panel_columns");
    int64_t (*gap)(void) = (int64_t(*)(void))symbol(library, "panel_gap");
    int64_t (*lanes)(void) = (int64_t(*)(void))symbol(library, "vector_lanes");
    typeof(&prepare) prepare_ = (typeof(&prepare))symbol(library, "prepare");
    typeof(&train) train_ = (typeof(&train))symbol(library, "train");
    typeof(&release) release_ = (typeof(&release))symbol(library, "release");

    FILE *file = fopen(argv[2], "rb");
    if (!file) fail(argv[2], "cannot be opened");
    sizes *s = take(file, 1, sizeof(sizes));
    size_t images = (size_t)s->images, steps = (size_t)s->steps, batch = (size_t)s->batch;
    layer *layers = take(file, (size_t)s->layers, sizeof(layer));
    optimiser *how = take(file, 1, sizeof(optimiser));
    objective *aim = take(file, 1, sizeof(objective));
    dataset data = {take(file, images * (size_t)s->pixels, sizeof(float)), take(file, images, sizeof(int64_t)), 0};
    int64_t *order = take(file, steps * batch, sizeof(int64_t));
    double *rates = take(file, steps, sizeof(double));
    layout p = {panel(), gap(), lanes()};
    int64_t size = lay_out(p, layers, s->layers);
    size_t count = 0;
    for (int64_t i = 0; i < s->layers; i++)
        if (has_weights(&layers[i])) count += (size_t)((patch_size(&layers[i]) + 1) * layers[i].filters);
    double *before = take(file, count, sizeof(double)), *expected = take(file, steps, sizeof(double));
    double *after = take(file, count, sizeof(double));
    double *losses = malloc(steps * sizeof(double)), seconds = INFINITY, loss_error = 0, error = 0, loss = 0, largest = 0;
    real *parameters = 0;

    workspace *w = prepare_(layers, (int)s->layers, s->batch, 2, 1);
    if (!w) fail("memory", "there is not enough");
    for (int repeat = argc > 3 ? atoi(argv[3]) : 1; repeat > 0; repeat--) {
        parameters = zeros(size);
        how->first = zeros(size);
        how->second = zeros(size);
        each_parameter(p, layers, s->layers, parameters, before, 0, 0);
        struct timespec start, end;
        timespec_get(&start, TIME_UTC);
        train_(w, parameters, aim, how, &data, order, s->steps, s->batch, rates, 0, 0, losses);
        timespec_get(&end, TIME_UTC);
        double taken = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
        seconds = fmin(seconds, taken / (double)s->steps);
    }
    for (size_t i = 0; i < steps; i++) {
        loss_error = fmax(loss_error, fabs(losses[i] - expected[i]));
        loss = fmax(loss, fabs(expected[i]));
    }
    each_parameter(p, layers, s->layers, parameters, after, &error, &largest);
    release_(w);
    /* NaN is no JSON, and compares as no difference. */
    if (!(losses[steps - 1] == losses[steps - 1])) fail("training", "the loss is NaN");
    printf("{\"compiled_level\": %d, \"processor_level\": %d, \"loss_error\": %.3g, \"weight_error\": %.3g, "
           "\"seconds_per_step\": %.4g}\n",
           compiled(), processor(), loss_error / loss, error / largest, seconds);
    return 0;
}

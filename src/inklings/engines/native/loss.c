#include "loss.h"

#include <math.h>

int64_t largest_of(const real *values, int64_t count) {
    int64_t largest = 0;
    for (int64_t i = 1; i < count; i++)
        if (values[i] > values[largest]) largest = i;
    return largest;
}

static double crossentropy(double smoothing, const real *z, int64_t classes, int64_t label, real *dz) {
    double highest = (double)z[largest_of(z, classes)], sum = 0, lost = 0;
    for (int64_t k = 0; k < classes; k++) {
        double power = exp((double)z[k] - highest);
        if (dz) dz[k] = (real)power;
        sum += power;
    }
    double log_sum = log(sum);
    for (int64_t k = 0; k < classes; k++) {
        double log_probability = (double)z[k] - highest - log_sum;
        double target = (k == label ? 1 - smoothing : 0) + smoothing / (double)classes;
        if (target > 0) lost -= target * log_probability;
        if (dz) dz[k] = (real)((double)dz[k] / sum - target);
    }
    return lost;
}

static double binary_crossentropy(double smoothing, const real *z, int64_t classes, int64_t label, real *dz) {
    double lost = 0;
    for (int64_t k = 0; k < classes; k++) {
        double value = (double)z[k], target = (k == label ? 1 - smoothing : 0) + smoothing / 2;
        double decay = exp(-fabs(value)); /* never overflows */
        lost += (value > 0 ? value : 0) + log1p(decay) - target * value;
        if (dz) dz[k] = (real)((value >= 0 ? 1 : decay) / (1 + decay) - target);
    }
    return lost;
}

double loss(const objective *aim, const real *z, int64_t classes, int64_t label, real *dz) {
    return (aim->binary ? binary_crossentropy : crossentropy)(aim->smoothing, z, classes, label, dz);
}

/* Cross-entropy of logits z (classes,) with a smoothed label, and its gradient. In double, since sums over a whole data
   set are made of it; it is a small share of the time. */
#include "loss.h"

#include "portable_math.h"

int64_t argmax_of(const real *values, int64_t count) {
    int64_t best = 0;
    for (int64_t i = 1; i < count; i++)
        if (values[i] > values[best]) best = i;
    return best;
}

/* -sum_k t_k log softmax(z)_k, by log-sum-exp: with the largest logit taken off, no exponential overflows. The gradient
   is softmax(z) - t. */
static double crossentropy(double smoothing, const real *z, int64_t classes, int64_t label, real *dz) {
    double highest = (double)z[argmax_of(z, classes)], sum = 0, result = 0;
    for (int64_t k = 0; k < classes; k++) {
        double power = exp_negative((double)z[k] - highest);
        if (dz) dz[k] = (real)power;
        sum += power;
    }
    double log_sum = log_above_one(sum);
    for (int64_t k = 0; k < classes; k++) {
        double log_probability = (double)z[k] - highest - log_sum;
        double target = (k == label ? 1 - smoothing : 0) + smoothing / (double)classes;
        if (target > 0) result -= target * log_probability; /* 0 * -inf would be NaN */
        if (dz) dz[k] = (real)((double)dz[k] / sum - target);
    }
    return result;
}

/* sum_k log(1 + exp(z_k)) - t_k z_k, in the form max(z, 0) + log1p(exp(-|z|)) - t z, whose exponential never overflows.
   The gradient is sigmoid(z) - t. */
static double binary_crossentropy(double smoothing, const real *z, int64_t classes, int64_t label, real *dz) {
    double result = 0;
    for (int64_t k = 0; k < classes; k++) {
        double value = (double)z[k], target = (k == label ? 1 - smoothing : 0) + smoothing / 2;
        double decay = exp_negative(-fabs(value));
        result += (value > 0 ? value : 0) + log1p_fraction(decay) - target * value;
        if (dz) dz[k] = (real)((value >= 0 ? 1 : decay) / (1 + decay) - target);
    }
    return result;
}

double loss(const Objective *objective, const real *z, int64_t classes, int64_t label, real *dz) {
    return (objective->binary ? binary_crossentropy : crossentropy)(objective->smoothing, z, classes, label, dz);
}

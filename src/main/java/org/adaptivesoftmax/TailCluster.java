package org.adaptivesoftmax;

import org.tensorflow.types.family.TFloating;

/**
 * The weights of a tail cluster.
 *
 * @param projection [width, inFeatures], without a bias
 * @param classes [size, width]
 */
record TailCluster<T extends TFloating>(Linear<T> projection, Linear<T> classes) {}

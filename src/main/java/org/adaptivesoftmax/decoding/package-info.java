/**
 * What an output layer predicts: exact top k, sampling, scores of given classes, computed from no more classes than
 * they take. Losses are in {@code loss}; whole texts are completed in {@code inference}.
 */
@NullMarked
package org.adaptivesoftmax.decoding;

import org.jspecify.annotations.NullMarked;

/**
 * AS-Softmax, which leaves out of a row's softmax the classes that its target already beats by a margin: Lv et al.,
 * <i>Adaptive Sparse Softmax: An Effective and Efficient Softmax Variant</i>, 2025 (arXiv 2508.03175).
 *
 * <p>{@link org.adaptivesoftmax.sparse.AdaptiveSparseSoftmax} is the loss for one label per row, {@link
 * org.adaptivesoftmax.sparse.MultiLabelAdaptiveSparseSoftmax} for any number of them; {@link
 * org.adaptivesoftmax.sparse.DeltaSchedule} anneals the margin, and {@link
 * org.adaptivesoftmax.sparse.AdaptiveGradientAccumulation} is AS-Speed. A row is
 * <i>finished</i> if every class but its target is dropped: its loss and gradient are exactly 0.
 */
@NullMarked
package org.adaptivesoftmax.sparse;

import org.jspecify.annotations.NullMarked;

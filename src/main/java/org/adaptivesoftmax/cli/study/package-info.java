/**
 * The study of AS-Softmax against softmax: {@link org.adaptivesoftmax.cli.study.Study} trains a classifier for each data
 * set, variant and seed, {@link org.adaptivesoftmax.cli.study.StudyReport} puts the runs together.
 */
@NullMarked
package org.adaptivesoftmax.cli.study;

import org.jspecify.annotations.NullMarked;

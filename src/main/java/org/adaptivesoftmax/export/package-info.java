/**
 * From a trained model to a SavedModel: the clean inference graphs of output layers, language models and classifiers,
 * and their signatures. Directories are written by {@code savedmodel}.
 */
@NullMarked
package org.adaptivesoftmax.export;

import org.jspecify.annotations.NullMarked;

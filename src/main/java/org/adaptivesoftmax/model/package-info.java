/**
 * The networks that this library trains and exports: the LSTM language model, the text classifier and the
 * Transformer encoder, as graph modules. Their training is in {@code training}, their SavedModels are in {@code export}.
 */
@NullMarked
package org.adaptivesoftmax.model;

import org.jspecify.annotations.NullMarked;

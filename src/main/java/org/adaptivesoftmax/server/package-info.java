/**
 * What a model server answers: the bodies of TensorFlow Serving's REST API, from a model in this process. The model
 * itself is in {@code local}.
 */
@NullMarked
package org.adaptivesoftmax.server;

import org.jspecify.annotations.NullMarked;

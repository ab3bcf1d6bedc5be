/**
 * The interface of a served model, whether a model server answers or this process: requests, results, typed calls. Its
 * forms are in {@code remote} and {@code local}.
 */
@NullMarked
package org.adaptivesoftmax.client;

import org.jspecify.annotations.NullMarked;

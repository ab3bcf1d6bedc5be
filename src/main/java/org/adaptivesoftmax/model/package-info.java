/**
 * Networks that end in an output layer, and nothing of their training or serving: both build them from here, so that a
 * checkpoint of a training graph fits a clean inference graph.
 */
@NullMarked
package org.adaptivesoftmax.model;

import org.jspecify.annotations.NullMarked;

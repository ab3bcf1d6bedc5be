/**
 * Ops that several packages build graphs from: rows of a batch, types of computation, checked class ids. Not part of
 * the public API.
 */
@NullMarked
package org.adaptivesoftmax.internal.graph;

import org.jspecify.annotations.NullMarked;

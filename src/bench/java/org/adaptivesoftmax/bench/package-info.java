/**
 * Benchmarks on this machine: the library, the same work in plain TensorFlow, and PyTorch, side by side in one run. No part of the library's jar.
 */
@NullMarked
package org.adaptivesoftmax.bench;

import org.jspecify.annotations.NullMarked;

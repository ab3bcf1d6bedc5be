/**
 * The command {@code adaptive-softmax}: arguments, results on standard output, messages on standard error, exit codes.
 */
@NullMarked
package org.adaptivesoftmax.cli;

import org.jspecify.annotations.NullMarked;

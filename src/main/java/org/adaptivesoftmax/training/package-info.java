/**
 * Training loops, optimizers, checkpoints and evaluation of the library's networks. The networks are in {@code model};
 * commands and progress are in {@code cli}.
 */
@NullMarked
package org.adaptivesoftmax.training;

import org.jspecify.annotations.NullMarked;

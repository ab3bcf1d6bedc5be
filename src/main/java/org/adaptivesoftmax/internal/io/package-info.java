/** Argument checks, and files that are written whole or not at all. Not part of the public API. */
@NullMarked
package org.adaptivesoftmax.internal.io;

import org.jspecify.annotations.NullMarked;

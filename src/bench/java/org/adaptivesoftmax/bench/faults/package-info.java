/** Commands whose system calls fail, or that are killed at one of them. No part of the library's jar. */
@NullMarked
package org.adaptivesoftmax.bench.faults;

import org.jspecify.annotations.NullMarked;

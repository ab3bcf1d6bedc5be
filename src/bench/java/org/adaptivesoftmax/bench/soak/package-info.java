/**
 * A long day for the models in a process and the server: answers are held against single rows, failures against what is
 * documented, while versions, networks and callers misbehave.
 */
@NullMarked
package org.adaptivesoftmax.bench.soak;

import org.jspecify.annotations.NullMarked;

/**
 * The parts of the documents that are made, not written: tables of the measurements in {@code docs/bench}, and the help of
 * every command. What is measured, and how, is in {@code bench}.
 */
@NullMarked
package org.adaptivesoftmax.bench.tables;

import org.jspecify.annotations.NullMarked;

/** AS-Softmax against softmax on text classification, over several seeds. No part of the library's jar. */
@NullMarked
package org.adaptivesoftmax.bench.study;

import org.jspecify.annotations.NullMarked;

/** PyTorch's weights: safetensors files and state dicts. The SavedModel of an imported layer is made in {@code export}. */
@NullMarked
package org.adaptivesoftmax.pytorch;

import org.jspecify.annotations.NullMarked;

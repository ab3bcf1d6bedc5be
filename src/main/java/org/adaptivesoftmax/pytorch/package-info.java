/**
 * PyTorch's weights: safetensors files, state dicts and pretrained encoders. The SavedModel of an imported layer is made in
 * {@code export}.
 */
@NullMarked
package org.adaptivesoftmax.pytorch;

import org.jspecify.annotations.NullMarked;

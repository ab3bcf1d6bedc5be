/**
 * AS-Softmax (Lv et al., 2025): losses over given logits, the schedule of δ, accumulation as more rows are finished
 * (AS-Speed), and steps that skip finished rows. Its form over clusters is part of {@code loss}. Beside it stands what else is
 * tried in the place of softmax's cross entropy: sparsemax, entmax-1.5 and the focal loss.
 */
@NullMarked
package org.adaptivesoftmax.assoftmax;

import org.jspecify.annotations.NullMarked;

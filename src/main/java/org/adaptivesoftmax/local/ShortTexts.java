package org.adaptivesoftmax.local;

import java.nio.file.Path;
import java.util.Map;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.internal.tensors.TextLengths;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.error.Code;

/**
 * Refuses requests with a text that is too long for one run.
 *
 * @param version that is run, for errors
 * @param maxWords of a text
 */
record ShortTexts(Runner runner, Path version, int maxWords) implements Runner {
  @Override
  public Map<String, NdArray<?>> run(String signature, Map<String, ? extends NdArray<?>> inputs) {
    int[] lengths = TextLengths.ofRows(inputs);
    for (int row = 0; row < lengths.length; row++) {
      if (lengths[row] > maxWords) {
        throw new ModelServerException(
            Code.INVALID_ARGUMENT,
            version + ", signature " + signature,
            "text in row %d has %d words, more than %d (maxWords)"
                .formatted(row, lengths[row], maxWords),
            null);
      }
    }
    return runner.run(signature, inputs);
  }
}

package examples.classifier;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SparseClassifierTest {
  private static final Path INTENTS = Path.of("../../savedmodels/samples/sources/intents.tsv");

  @Test
  void classifiesTextsItHasNotSeenAndHasLittleLeftToLearn() throws IOException {
    SparseClassifier.Outcome outcome = SparseClassifier.run(INTENTS);
    assertTrue(outcome.accuracy() > 0.8, outcome.toString());
    assertTrue(outcome.finishedFirst() < 0.2, outcome.toString());
    assertTrue(outcome.finishedLast() > 0.9, outcome.toString());
  }
}

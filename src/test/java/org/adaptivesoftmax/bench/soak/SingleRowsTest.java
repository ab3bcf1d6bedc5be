package org.adaptivesoftmax.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.Test;

class SingleRowsTest {
  private static final ModelDirectory MODEL =
      new ModelDirectory(Path.of("savedmodels/samples/language-model"));

  @Test
  void anAnswerIsHeldAgainstItsOwnText() throws Exception {
    Path version = MODEL.highestVersion();
    List<String> texts = List.of("when the storm", "the old", "a");
    try (LocalModel model = LocalModel.builder(MODEL).load();
        SingleRows rows = new SingleRows(version, version)) {
      Prediction answer = Asking.ask(model, texts);
      assertThat(rows.check(texts, answer)).isEmpty();
      Prediction overRest = new Prediction("m", OptionalLong.empty(), answer.outputs());
      assertThat(rows.check(texts, overRest)).isEmpty();
      assertThat(rows.check(List.of("when the storm", "a", "the old"), answer))
          .startsWith("version OptionalLong[1], row 1 of 3: Row[words=[");
    }
  }
}

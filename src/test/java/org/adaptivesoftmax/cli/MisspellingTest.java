package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MisspellingTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          trian                    | Unmatched argument at index 0: 'trian'; did you mean train?
          complet                  | Unmatched argument at index 0: 'complet'; did you mean complete?
          import                   | Unmatched argument at index 0: 'import'; did you mean import-pytorch?
          nonsense                 | Unmatched argument at index 0: 'nonsense'
          train --epoch 3          | Unknown options: '--epoch', '3'; did you mean --epochs?
          train --epohcs=3         | Unknown option: '--epohcs=3'; did you mean --epochs?
          train --max-vocab=3      | Unknown option: '--max-vocab=3'; did you mean --max-vocabulary?
          train --nonsense         | Unknown option: '--nonsense'
          --jsno                   | Unknown option: '--jsno'; did you mean --json?
          """)
  void nearNamesAreOffered(String arguments, String message) {
    CommandRun run = CommandRun.of(arguments.split(" "));
    assertThat(run.err()).isEqualTo("adaptive-softmax: " + message + "\n");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"abc, abc, 0", "abc, acb, 1", "abc, ab, 1", "ab, abc, 1", "abc, abd, 1", "'', ab, 2"})
  void distanceCountsEdits(String a, String b, int distance) {
    assertThat(Misspelling.distance(a, b)).isEqualTo(distance);
  }
}

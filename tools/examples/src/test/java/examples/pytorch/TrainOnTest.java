package examples.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.adaptivesoftmax.pytorch.PyTorchWeights;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainOnTest {
  private static final Path MODULE = Path.of("../../src/test/resources/pytorch/module.safetensors");

  @TempDir private Path work;

  @Test
  void learnsAndWritesWhatCanBeTrainedOnAgain() throws IOException {
    Path written = work.resolve("trained.safetensors");
    TrainOn.Outcome outcome = TrainOn.run(MODULE, written);
    assertTrue(outcome.after() < outcome.before() / 3, outcome.toString());
    try (Safetensors before = Safetensors.open(MODULE);
        Safetensors after = Safetensors.open(written)) {
      assertEquals(PyTorchWeights.find(before).plan(), PyTorchWeights.find(after).plan());
      assertEquals(before.tensors().keySet(), after.tensors().keySet());
      assertEquals(Map.of("format", "pt"), after.metadata());
    }
    TrainOn.Outcome again = TrainOn.run(written, work.resolve("again.safetensors"));
    assertEquals(outcome.after(), again.before(), 1e-6);
  }
}

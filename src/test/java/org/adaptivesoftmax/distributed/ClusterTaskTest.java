package org.adaptivesoftmax.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.gradient.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ClusterTaskTest {
  /** If this fails, look at {@link RemoteSession} with the new version's source beside it. */
  @Test
  void tensorFlowJavaStillHasThePrivateMembersThatRemoteSessionsRestOn() {
    assertThatCode(RemoteSession::find).doesNotThrowAnyException();
  }

  @Test
  @Timeout(60)
  @DisabledOnOs(OS.WINDOWS)
  void twoTasksShareAGraphUntilOneIsStoppedAndKilled() throws Exception {
    ClusterDefinition cluster = FreePorts.cluster(2);
    List<String> seen = ChildJvm.run(Map.of(), TwoTasksScenario.class, FreePorts.joined(cluster));
    assertThat(seen)
        .containsExactly(
            "missing: TIMED_OUT no task of the cluster at %s after 0 s"
                .formatted(cluster.replicas().get(1)),
            "transfers: rows alone",
            "there: 4.0",
            "stopped: TIMED_OUT",
            "killed: UNAVAILABLE",
            "again: a process can be a task of a cluster only once in its life");
  }

  @Test
  void refusesWhatIsNoTask() {
    ClusterDefinition cluster = ClusterDefinition.ofReplicas(List.of("localhost:1", "localhost:2"));
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> ClusterTask.start(cluster, "worker", 0, second, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no such job in the cluster [compute]: worker");
    assertThatThrownBy(() -> ClusterTask.start(cluster, "compute", 2, second, 1))
        .hasMessage("task must be in 0..1: 2");
    assertThatThrownBy(() -> ClusterTask.start(cluster, "compute", 0, Duration.ofMillis(9), 1))
        .hasMessage("timeout must be at least a second: PT0.009S");
  }
}

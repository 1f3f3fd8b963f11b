import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Scanner;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Version;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.Watcher.Event.KeeperState;

/** ZooKeeper's own Java client, asynchronous calls: takes the bench's lines as load.ts says. */
public final class JavaPeer {
    private static final byte[] DATA = new byte[100];

    private final ZooKeeper client;
    private final String work;
    private final String path;
    private final long[] times;
    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch unanswered;

    private JavaPeer(ZooKeeper client, String work, String path, int count) {
        this.client = client;
        this.work = work;
        this.path = path;
        times = new long[count];
        unanswered = new CountDownLatch(count);
    }

    public static void main(String[] args) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client = new ZooKeeper(args[0], 600_000, event -> {
            if (event.getState() == KeeperState.SyncConnected) connected.countDown();
        });
        connected.await();
        String version = Version.getVersion() + ", Java " + Runtime.version().feature();
        System.out.println("{\"version\": \"" + version + "\"}");
        Scanner lines = new Scanner(System.in);
        while (lines.hasNext()) {
            String work = lines.next();
            int depth = lines.nextInt();
            int count = lines.nextInt();
            System.out.println(new JavaPeer(client, work, lines.next(), count).run(depth));
        }
        client.close();
    }

    private static long cpuNanos() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime();
    }

    private String run(int depth) throws InterruptedException {
        long cpu = cpuNanos();
        long before = System.nanoTime();
        for (int i = 0; i < Math.min(depth, times.length); i++) next();
        unanswered.await();
        double seconds = (System.nanoTime() - before) / 1e9;
        double cpuSeconds = (cpuNanos() - cpu) / 1e9;
        Arrays.sort(times);
        return String.format(
            "{\"seconds\": %.6f, \"cpu\": %.6f, \"p50\": %.1f, \"p99\": %.1f}", seconds, cpuSeconds, rank(50), rank(99));
    }

    private double rank(int percent) {
        return times[(int) ((times.length * (long) percent + 99) / 100) - 1] / 1e3;
    }

    private void next() {
        int i = asked.getAndIncrement();
        if (i >= times.length) return;
        String target = work.equals("get") || work.equals("set") ? path : path + i;
        times[i] = System.nanoTime();
        switch (work) {
            case "get" -> client.getData(target, false, (rc, p, c, data, stat) -> done(rc, i), null);
            case "set" -> client.setData(target, DATA, -1, (rc, p, c, stat) -> done(rc, i), null);
            case "create" -> client.create(
                target, DATA, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, (rc, p, c, name) -> done(rc, i), null);
            default -> client.delete(target, -1, (rc, p, c) -> done(rc, i), null);
        }
    }

    private void done(int rc, int i) {
        if (rc != 0) {
            System.err.println(KeeperException.Code.get(rc));
            System.exit(1);
        }
        times[i] = System.nanoTime() - times[i];
        next();
        unanswered.countDown();
    }
}

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Properties;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;

/** Reads paths of zoo.cfg files from stdin and prints for each what ZooKeeper's own QuorumPeerConfig makes of it. */
class CheckConfig {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String path = in.readLine(); path != null; path = in.readLine()) {
            Properties before = (Properties) System.getProperties().clone();
            System.out.println("answer " + answer(path));
            // What zoo.cfg sets stays set in the process otherwise.
            System.setProperties(before);
            forget("setStandaloneEnabled", true);
            forget("setReconfigEnabled", false);
        }
    }

    private static String answer(String path) {
        try {
            new QuorumPeerConfig().parse(path);
            return "accepted";
        } catch (QuorumPeerConfig.ConfigException refused) {
            Throwable cause = refused.getCause() == null ? refused : refused.getCause();
            return "refused: " + String.valueOf(cause.getMessage()).replace('\n', ' ');
        }
    }

    private static void forget(String setter, boolean value) throws Exception {
        try {
            QuorumPeerConfig.class.getMethod(setter, boolean.class).invoke(null, value);
        } catch (NoSuchMethodException olderRelease) {
            return;
        }
    }
}

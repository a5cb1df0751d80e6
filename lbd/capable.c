/* Capabilities, as the kernel has them for this process. */
#include "capable.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

bool is_capable(unsigned capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	return !syscall(SYS_capget, &header, data) &&
		data[CAP_TO_INDEX(capability)].effective &
		CAP_TO_MASK(capability);
}
